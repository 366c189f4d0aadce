/** Texts up to this long are compared, or looked up, within the time of a step. */
export const longText = 1024;
