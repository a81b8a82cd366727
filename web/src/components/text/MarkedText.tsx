import type { ReactNode } from 'react';
import styles from './MarkedText.module.css';
import { textPieces } from './visibleText';

/** A text with a mark for each character in it that is not seen. Isolate it (`bdi`), and clip it before. */
export function MarkedText({ text }: { text: string }): ReactNode {
  return textPieces(text).map((piece, place) =>
    'text' in piece ? (
      piece.text
    ) : (
      <span key={place} className={styles.mark} title={piece.code}>
        {piece.unseen}
      </span>
    ),
  );
}
