/** The package has no types of its own: each language is a list of words. */
declare module 'stopword' {
  type Words = readonly string[];
  export const ara: Words,
    ces: Words,
    dan: Words,
    deu: Words,
    ell: Words,
    eng: Words,
    fin: Words,
    fra: Words,
    heb: Words;
  export const hin: Words,
    hun: Words,
    ind: Words,
    ita: Words,
    jpn: Words,
    kor: Words,
    nld: Words,
    nob: Words,
    pol: Words;
  export const por: Words,
    ron: Words,
    rus: Words,
    spa: Words,
    swe: Words,
    tha: Words,
    tur: Words,
    ukr: Words,
    vie: Words;
  export const zho: Words;
}
