import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import styles from './Button.module.css';
import { classNames } from '../classNames';
import { Icon, type IconName } from '../Icon';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `quiet` has no frame until it is pointed at. */
  kind?: 'normal' | 'primary' | 'quiet';
  size?: 'normal' | 'small';
  icon?: IconName;
  /** Shows the icon alone; the children stay for screen readers and as the title. */
  iconOnly?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({
  kind = 'normal',
  size = 'normal',
  icon,
  iconOnly = false,
  className,
  children,
  type = 'button',
  ...rest
}: ButtonProps): ReactNode {
  const name = classNames(styles.button, styles[kind], styles[size], iconOnly && styles.square, className);
  const title = iconOnly && typeof children === 'string' ? children : undefined;
  return (
    <button type={type} className={name} title={title} {...rest}>
      {icon && <Icon name={icon} size={size === 'small' ? 14 : 16} />}
      {iconOnly ? <span className="visually-hidden">{children}</span> : children}
    </button>
  );
}
