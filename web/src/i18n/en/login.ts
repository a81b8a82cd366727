/** The login page. */
export const login = {
  title: 'Log in',
  intro: 'Enter a token of this server to see its numbers.',
  token: 'Token',
  submit: 'Log in',
  submitting: 'Logging in',
  show: 'Show',
  hide: 'Hide',
  empty: 'Enter the token.',
  wrong: 'This token is not valid on this server.',
  busy: 'Too many attempts. Wait a moment, then try again.',
  unreachable: 'The server cannot be reached. Check that it is running.',
  failed: 'The login failed: {{message}}',
  where: {
    title: 'Where is my token?',
    firstStart: 'The server prints the admin token once, at its first start. Look for it in the log of that start.',
    lost: 'Lost it? Start the server with this option to get a new one; the old one then stops working.',
    readOnly: 'For read-only access, ask for a read-only token.',
  },
};
