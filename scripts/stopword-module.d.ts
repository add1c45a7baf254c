/** The package has no types of its own: each language is a list of words, exported by its name in ISO 639-3. */
declare module 'stopword';
