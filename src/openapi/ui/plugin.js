/**
 * Adds Digest to Swagger UI. The Authorize dialog asks for the password, and the page itself signs the calls. Entered
 * secrets do not leave the page, and are gone when it is closed.
 */
(() => {
  const digest = import(new URL('digest.js', document.currentScript.src).href);

  /** The part of the dialog for `scheme: digest`, which Swagger UI does not have. */
  function digestForm({ React }) {
    return ({ name, schema, authorized, onChange }) => {
      const isAuthorized = Boolean(authorized?.getIn([name, 'value']));
      const id = 'auth-digest-password';
      const input = {
        id,
        type: 'password',
        autoComplete: 'current-password',
        onChange: ({ target }) => onChange({ name, schema, value: target.value }),
      };
      return React.createElement(
        'div',
        null,
        React.createElement('h4', null, React.createElement('code', null, name), ' (http, Digest)'),
        isAuthorized && React.createElement('h6', null, 'Authorized'),
        React.createElement('p', null, 'The password of the account in From. This page signs each call with it.'),
        React.createElement('label', { htmlFor: id }, 'Password:'),
        isAuthorized ? React.createElement('code', null, ' ****** ') : React.createElement('input', input),
      );
    };
  }

  /**
   * The user part of `sip:user@domain`, percent-decoded. Text that cannot be decoded stays as it is, and the service
   * refuses it.
   */
  function usernameOf(from) {
    const user = from.replace(/^sip:/i, '').split('@', 1)[0];
    try {
      return decodeURIComponent(user);
    } catch {
      return user;
    }
  }

  let selectors;

  globalThis.flexisipDigest = {
    /** A plugin of Swagger UI. */
    plugin(system) {
      return {
        wrapComponents: {
          HttpAuth: (Original) => {
            const DigestForm = digestForm(system);
            return (properties) =>
              system.React.createElement(
                properties.schema.get('scheme') === 'digest' ? DigestForm : Original,
                properties,
              );
          },
        },
        afterLoad({ authSelectors }) {
          selectors = authSelectors;
        },
      };
    },

    /** Signs a call if a password was entered and no API key. With a key, only the key is used. */
    prepare(request) {
      // Prevents the login dialog of the browser after a challenge.
      request.credentials = 'omit';
      const password = selectors?.authorized().getIn(['digest', 'value']);
      const hasKey = Object.keys(request.headers).some((name) => name.toLowerCase() === 'x-api-key');
      if (password && !hasKey) {
        request.userFetch = async (url, init) => (await digest).fetchWithDigest(url, init, password);
        // The displayed curl command signs the call too, and curl asks for the password. Swagger UI quotes the command
        // for the shell.
        const from = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'from')?.[1];
        if (from) request.curlOptions = ['--digest', '-u', usernameOf(from)];
      }
      return request;
    },
  };
})();
