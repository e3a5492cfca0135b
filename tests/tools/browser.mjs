// The browser that letters are looked at in: one for all, with pages that are used again.
//
// Nothing leaves the machine. The letter itself and its pictures are answered from here; any other
// request is refused and remembered, as is a script that ran.

import puppeteer from 'puppeteer-core';

import { HOST as PICTURES, picture } from './pictures.mjs';

const LETTER = 'https://letter.example.org/';

/** The picture that counts openings, in those of the gallery's letters that have one. */
const PIXEL = 'https://letters.example.org/opened/';

/** Starts Debian's Chromium. The caller closes it. */
export function launch() {
  return puppeteer.launch({
    executablePath: process.env.NEWSLETTERD_TEST_CHROMIUM ?? '/usr/bin/chromium',
    pipe: true, // it ends when this program does, however that ends
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--disable-dev-shm-usage', '--font-render-hinting=none',
    ],
  });
}

/** One page, in which one letter after the other is shown. */
export class Reader {
  /** What the letter did that none may do. */
  unrest = [];
  /** The style sheet that pages of the web ask for, where it is one of those that is shown. */
  styles = null;
  #html = '';
  #pictures = true;

  static async open(browser) {
    const reader = new Reader();
    reader.page = await browser.newPage();
    await reader.page.setRequestInterception(true);
    reader.page.on('request', (request) => reader.#answer(request));
    reader.page.on('dialog', (dialog) => {
      reader.unrest.push(`a script ran: ${dialog.type()} ${dialog.message()}`);
      dialog.dismiss();
    });
    reader.page.on('pageerror', (error) => reader.unrest.push(`a script ran: ${error.message}`));
    return reader;
  }

  /** Shows `html` to someone whose window, colour scheme and settings are these. */
  async show(html, { width = 600, height = 800, scale = 1, scheme = 'light', pictures = true } = {}) {
    this.unrest = [];
    this.#html = html;
    this.#pictures = pictures;
    await this.page.setViewport({ width, height, deviceScaleFactor: scale });
    await this.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await this.page.goto(LETTER, { waitUntil: 'load', timeout: 30_000 });
  }

  #answer(request) {
    const url = request.url();
    if (url === LETTER && request.isNavigationRequest()) {
      return request.respond({ contentType: 'text/html; charset=utf-8', body: this.#html });
    }
    if (request.resourceType() === 'image' && (url.startsWith(PICTURES) || url.startsWith(PIXEL))) {
      if (!this.#pictures) return request.abort();
      const body = url.startsWith(PIXEL) ? '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>' : picture(url);
      return request.respond({ contentType: 'image/svg+xml', body });
    }
    if (this.styles !== null && request.resourceType() === 'stylesheet' && url === `${LETTER}style.css`) {
      return request.respond({ contentType: 'text/css; charset=utf-8', body: this.styles });
    }
    // Browsers ask for the icon of each site by themselves.
    if (url !== `${LETTER}favicon.ico` && !url.startsWith('data:')) {
      this.unrest.push(`asks for ${request.resourceType()} ${url.slice(0, 200)}`);
    }
    return request.abort();
  }
}
