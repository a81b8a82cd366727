import type { Fault } from './schema';

export type { Fault } from './schema';

/** Where all calls of reports live. */
export const REPORTS = '/reports/v1';

/** A failed request: the server refused it, or is unreachable (`status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
    readonly errors: Fault[] = [],
    /** Seconds after which it is worth another try, as the server says. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

export type ParamValue = string | number | boolean | null | undefined;
export type Params = Record<string, ParamValue>;

let onLoggedOut: () => void = () => {};

/** The handler of a 401. */
export function whenLoggedOut(action: () => void): void {
  onLoggedOut = action;
}

/** The address of a call, with those parameters that have a value. */
export function addressOf(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? `${REPORTS}${path}` : `${REPORTS}${path}?${text}`;
}

interface CallOptions {
  signal?: AbortSignal | undefined;
  /** The format of the response; JSON by default. */
  accept?: string;
  /** Whether a 401 leads to the login page; not for the login itself. */
  leadsToLogin?: boolean;
}

export async function getJson<T>(path: string, params?: Params, options: CallOptions = {}): Promise<T> {
  const response = await call('GET', addressOf(path, params), undefined, options);
  return (await response.json()) as T;
}

/** Asks whether a call is answered, without reading the response. */
export async function check(path: string, params?: Params, options: CallOptions = {}): Promise<void> {
  const response = await call('GET', addressOf(path, params), undefined, options);
  await response.body?.cancel();
}

/** A response as text, so that numbers keep all their digits. */
export async function getText(path: string, params?: Params, options: CallOptions = {}): Promise<string> {
  const response = await call('GET', addressOf(path, params), undefined, options);
  return response.text();
}

export async function postJson<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
  const response = await call('POST', addressOf(path), body, options);
  return (response.status === 204 ? null : await response.json()) as T;
}

export async function postForText(path: string, body: unknown, options: CallOptions = {}): Promise<string> {
  const response = await call('POST', addressOf(path), body, options);
  return response.text();
}

export async function putJson<T>(path: string, body: unknown): Promise<T> {
  const response = await call('PUT', addressOf(path), body, {});
  return (await response.json()) as T;
}

export async function remove(path: string): Promise<void> {
  await call('DELETE', addressOf(path), undefined, {});
}

/** A response in another format, such as CSV. */
export async function postForBlob(path: string, body: unknown, accept: string): Promise<Blob> {
  const response = await call('POST', addressOf(path), body, { accept });
  return response.blob();
}

async function call(method: string, url: string, body: unknown, options: CallOptions): Promise<Response> {
  // Calls that change something need the header that no other site can send, and so do those of the admin token alone.
  const headers: Record<string, string> = {
    Accept: options.accept ?? 'application/json',
    'X-Playhead-Request': 'dashboard',
  };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'same-origin',
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'the server cannot be reached');
  }
  if (response.ok) return response;
  if (response.status === 401 && options.leadsToLogin !== false) onLoggedOut();
  throw await refusal(response);
}

async function refusal(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const after = Number.isFinite(retryAfter) ? retryAfter : null;
  try {
    const { message, errors } = (await response.json()) as { message?: unknown; errors?: unknown };
    const text = typeof message === 'string' ? message : response.statusText;
    return new ApiError(response.status, text, Array.isArray(errors) ? (errors as Fault[]) : [], after);
  } catch {
    // A proxy may respond in another format.
    return new ApiError(response.status, response.statusText, [], after);
  }
}
