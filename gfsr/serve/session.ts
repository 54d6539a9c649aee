// Who may use a server's data: the browser that was opened with its one-time token, and no other program or page.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Route } from './local-server.ts';

/** Guards routes by a cookie, which a token buys once. */
export class Session {
  /** Cookies are shared by all ports of a machine, so each server has its own name. */
  readonly #cookie = `gfsr-${randomBytes(6).toString('hex')}`;
  readonly #secret = random();
  #token = random();
  readonly #onUsed: (token: string) => void;

  /** @param onUsed called with the next token after one was used: another browser may be opened with it */
  constructor(onUsed: (next: string) => void = () => {}) {
    this.#onUsed = onUsed;
  }

  /** The token that is valid now. It goes into the fragment of an address, which browsers send to nobody. */
  get token(): string {
    return this.#token;
  }

  /** Where a page exchanges its token for the cookie. */
  route(): Route {
    return {
      method: 'POST',
      path: '/api/session',
      answer: async ({ body }) => {
        const given = new TextDecoder().decode(await body(1000));
        if (!same(given, this.#token)) return { status: 403, body: 'this link was used already' };
        this.#token = random();
        this.#onUsed(this.#token);
        const cookie = `${this.#cookie}=${this.#secret}; HttpOnly; SameSite=Strict; Path=/`;
        return { status: 204, headers: { 'set-cookie': cookie } };
      },
    };
  }

  /** The same routes for those who have the cookie; others get 403. */
  guard(routes: readonly Route[]): Route[] {
    return routes.map((route) => ({
      ...route,
      answer: (question) =>
        this.#knows(question.headers.cookie ?? '')
          ? route.answer(question)
          : { status: 403, body: 'forbidden: open the page by the link that the terminal shows' },
    }));
  }

  #knows(cookies: string): boolean {
    return cookies
      .split(';')
      .map((cookie) => cookie.trim().split('='))
      .some(([name, value = '']) => name === this.#cookie && same(value, this.#secret));
  }
}

const random = (): string => randomBytes(24).toString('base64url');

function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
