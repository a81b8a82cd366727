/** Where to go after the login: a page of this dashboard and nowhere else, whatever the address says. */
export function returnPath(wanted: string | null): string {
  if (wanted === null || !/^\/(?![/\\])/.test(wanted) || /[\u0000-\u001f\\]/.test(wanted)) return '/';
  return wanted.startsWith('/login') ? '/' : wanted;
}
