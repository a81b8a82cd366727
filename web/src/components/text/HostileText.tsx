import type { ReactNode } from 'react';
import styles from './HostileText.module.css';
import { classNames } from '../classNames';
import { clipText } from './clipText';
import { FullTextButton } from './FullTextButton';
import { MarkedText } from './MarkedText';
import { markedText, visibleText } from './visibleText';

interface HostileTextProps {
  /** A text that came from a player. Null shows `missing`. */
  text: string | null | undefined;
  /** Characters that are shown at most. */
  max?: number;
  missing?: ReactNode;
  /** In the font of code, as for ids. */
  mono?: boolean;
  /** Wraps instead of being cut at the edge of its box. */
  wrap?: boolean;
  /** Offers the whole text on demand when it was clipped; leave it out within links and buttons. */
  expandable?: boolean;
  /** Puts a text of which nothing is seen in quotes, so that what it is a link of has a face. */
  quotesBlank?: boolean;
}

/**
 * Text from players: clipped, isolated from the direction of the text around it, with what would turn it shown as a mark, and
 * unable to break the layout.
 */
export function HostileText({
  text,
  max = 120,
  missing = '–',
  mono = false,
  wrap = false,
  expandable = false,
  quotesBlank = false,
}: HostileTextProps): ReactNode {
  if (text === null || text === undefined) return <span className={styles.missing}>{missing}</span>;
  const cut = clipText(text, max);
  const shown = quotesBlank ? visibleText(cut) : cut;
  const name = classNames(styles.text, mono && styles.mono, wrap ? styles.wrap : styles.line);
  // The title is clipped as well: browsers lay out all of it.
  const title = wrap && cut === text ? undefined : markedText(clipText(text, 400));
  const clipped = (
    <bdi className={name} title={title}>
      <MarkedText text={shown} />
    </bdi>
  );
  if (!expandable || cut === text) return clipped;
  return (
    <span className={styles.expandable}>
      {clipped}
      <FullTextButton text={text} />
    </span>
  );
}
