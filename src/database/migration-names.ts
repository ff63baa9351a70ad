/**
 * A readable name of a migration, with its class name in parentheses:
 * `Unique account names (UniqueAccountNames1767225601000)`.
 */
export function inWords(name: string): string {
  const words = name
    .replace(/\d+$/, '')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
    .toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} (${name})`;
}
