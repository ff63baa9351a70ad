/** What became of a message that was handed to a mail server, an SMS gateway or a push service. */
export type Delivery = { delivered: true } | { delivered: false; reason: DeliveryFailure; detail: string };

/**
 * Why a message was not delivered: nobody answered, nobody answered in time, the neighbour refused it, or something
 * else went wrong on the way.
 */
export type DeliveryFailure = 'unreachable' | 'timeout' | 'refused' | 'failed';

export const DELIVERED: Delivery = { delivered: true };

/** The longest, in milliseconds, that a call waits for a message to be delivered. */
export const DELIVERY_LIMIT = 10_000;

/**
 * Tries to deliver within {@link DELIVERY_LIMIT}; never throws.
 *
 * @param send gets a signal that ends the attempt; an adapter should heed it and free what it holds.
 */
export async function attemptDelivery(send: (signal: AbortSignal) => Promise<Delivery>, limit = DELIVERY_LIMIT): Promise<Delivery> {
  const attempt = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Delivery>((resolve) => {
    timer = setTimeout(() => resolve({ delivered: false, reason: 'timeout', detail: `no answer within ${limit} ms` }), limit);
  });
  try {
    return await Promise.race([send(attempt.signal), late]);
  } catch (error) {
    return { delivered: false, reason: 'failed', detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    attempt.abort();
  }
}
