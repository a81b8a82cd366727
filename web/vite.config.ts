import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';

const server = process.env.PLAYHEAD_URL ?? 'http://127.0.0.1:8080';

/**
 * The script that sets the theme before the first paint. It must be a classic script, which runs before anything is
 * drawn, and the policy of the page forbids inline ones: so it is a file of its own, hashed like all others.
 */
function firstPaintScript(): Plugin {
  const source = fileURLToPath(new URL('./src/theme/first-paint.js', import.meta.url));
  let fileName: string | null = null;
  return {
    name: 'first-paint-script',
    generateBundle: {
      order: 'pre',
      handler() {
        const reference = this.emitFile({
          type: 'asset',
          name: 'first-paint.js',
          source: readFileSync(source, 'utf8'),
        });
        fileName = this.getFileName(reference);
      },
    },
    transformIndexHtml: {
      order: 'post',
      handler() {
        const src = fileName === null ? '/src/theme/first-paint.js' : `/${fileName}`;
        return [{ tag: 'script', attrs: { src }, injectTo: 'head-prepend' }];
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), firstPaintScript()],
  build: {
    target: 'es2022',
    // Inlined assets are data addresses, which the policy allows for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'editor', test: /node_modules[\\/](@codemirror|@lezer|@marijn|style-mod|w3c-keyname|crelt)[\\/]/ },
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
          ],
        },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/reports': { target: server, changeOrigin: false },
      '/api': { target: server, changeOrigin: false },
    },
  },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
  },
});
