import { toUuid } from '../../devices/devices.service.js';
import type { Registration } from '../../devices/registrar.js';
import { usePage } from '../page.js';
import { Fact, Facts, Moment } from './facts.js';
import { Form } from './form.js';
import { Layout } from './layout.js';

/** The devices that are registered for the account. */
export function DevicesPage({ registrations }: { registrations: readonly Registration[] }) {
  const { devices } = usePage().texts;
  return (
    <Layout title={devices.title}>
      {registrations.length === 0 && <p>{devices.none}</p>}
      {registrations.map((registration) => (
        <Device registration={registration} />
      ))}
      {registrations.length > 0 && <p>{devices.hint}</p>}
    </Layout>
  );
}

function Device({ registration: { uniqueId, userAgent, updatedAt, expiresAt } }: { registration: Registration }) {
  const { devices } = usePage().texts;
  return (
    <section class="card">
      <h2>{userAgent || devices.unnamed}</h2>
      <Facts>
        <Fact name={devices.updated}>
          <Moment at={updatedAt} />
        </Fact>
        <Fact name={devices.expires}>
          <Moment at={expiresAt} />
        </Fact>
      </Facts>
      <Form action="devices/remove" submit={devices.remove} label={devices.removeOne(userAgent || devices.unnamed)}>
        <input type="hidden" name="uuid" value={toUuid(uniqueId)} />
      </Form>
    </section>
  );
}
