import './style/tokens.css';
import './style/base.css';
import './theme/theme';
import { QueryClientProvider } from '@tanstack/react-query';
import { startTransition, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { App } from './App';
import { queryClient } from './api/queryClient';
import { startI18n } from './i18n/i18n';

const root = document.querySelector('#root');
if (!root) throw new Error('the page has no place for the dashboard');

await startI18n();
const app = (
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <BrowserRouter>
        <App />
      </BrowserRouter>
    </QueryClientProvider>
  </StrictMode>
);
// As a transition it is rendered in slices, between which the browser can do other things.
startTransition(() => createRoot(root).render(app));
