// The formats and texts of the page, built from its source: what stands on a page is then compared with what an answer of
// the server gives in the reader's words, without a second copy of them here.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = join(root, 'node_modules/.cache/dashboard-source');
mkdirSync(outDir, { recursive: true });

await build({
  root,
  configFile: false,
  logLevel: 'error',
  build: {
    ssr: true,
    outDir,
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        format: join(root, 'src/format/format.ts'),
        metricKinds: join(root, 'src/format/metricKinds.ts'),
        en: join(root, 'src/i18n/en/index.ts'),
        'zh-CN': join(root, 'src/i18n/zh-CN/index.ts'),
        'zh-TW': join(root, 'src/i18n/zh-TW/index.ts'),
      },
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    },
  },
});

const built = (name) => import(pathToFileURL(join(outDir, `${name}.mjs`)).href);

const { formatFor } = await built('format');
const { changeOf } = await built('metricKinds');

/** All texts of a language, by area. */
export const texts = {
  en: (await built('en')).default,
  'zh-CN': (await built('zh-CN')).default,
  'zh-TW': (await built('zh-TW')).default,
};

/** As the browser of the tests writes numbers and times. */
export const format = formatFor('en-US', 'Europe/Berlin');
export { changeOf };
