import { useSyncExternalStore } from 'react';
import { markedText } from '../text/visibleText';

export interface Toast {
  id: number;
  text: string;
  tone: 'good' | 'bad' | 'neutral';
}

const SHOWN_MS = 3_500;
let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function become(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Shows a short message for a moment. */
export function showToast(text: string, tone: Toast['tone'] = 'neutral'): void {
  const toast = { id: nextId++, text: markedText(text), tone };
  become([...toasts.slice(-2), toast]);
  setTimeout(() => become(toasts.filter(({ id }) => id !== toast.id)), SHOWN_MS);
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
}
