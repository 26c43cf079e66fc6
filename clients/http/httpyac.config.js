// The files here take values out of earlier exchanges as REST Client does: `{{name.response.body.$.member}}`.
// httpYac has JavaScript and `$xpath` for that; this hook puts the one into the words of the other.

// `$xpath` looks into answers only.
const ELEMENT = /^string\(\/\/\*\[local-name\(\)='(\w+)'\]\)$/;
const REFERENCE = /\{\{(\w+)\.(request|response)\.(headers|body)\.([^}]+)\}\}/g;

const inWordsOfHttpYac = (_, name, side, part, place) => {
  const message = side === 'request' ? `${name}Response.request` : `${name}Response`;
  if (part === 'headers') {
    return `{{${message}.headers['${place.toLowerCase()}']}}`;
  }
  if (place.startsWith('$')) {
    return `{{JSON.parse(${message}.body)${place.slice(1)}}}`;
  }
  const element = ELEMENT.exec(place);
  if (side === 'request' && element) {
    return `{{${message}.body.match(/<(?:\\w+:)?${element[1]}[^>]*>([^<]*)</)[1]}}`;
  }
  return `{{$xpath:${message} ${place}}}`;
};

module.exports = {
  configureHooks(api) {
    api.hooks.replaceVariable.addHook(
      'restClientReference',
      (text) => (typeof text === 'string' ? text.replace(REFERENCE, inWordsOfHttpYac) : text),
      { before: ['javascript', 'xpath'] },
    );
  },
};
