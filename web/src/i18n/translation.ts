/**
 * The texts of a language other than English: the same keys. Singular forms (`_one`) are those of English alone, Chinese
 * has only `_other`.
 */
export type Translation<Texts> = {
  [Key in keyof Texts as Key extends `${string}_one` ? never : Key]: Texts[Key] extends string
    ? string
    : Translation<Texts[Key]>;
};
