// Texts of the page where somebody types the code that a device shows.

export const deviceWords = {
  title: 'Connect a device',
  intro: 'A device or a program shows a code and asks to act for you. Type the code here.',
  code: 'Code',
  codeNote: 'Eight letters, such as BCDF-GHJK.',
  missing: 'Type the code that your device shows.',
  go: 'Continue',
  tooMany: 'Too many codes were tried. Wait a minute, then try again.',
  compare: 'Your device must show exactly this code:',
  from: 'It asked from the address',
  warning: 'Only go on if you started this yourself on a device of yours',
  phishing:
    'Whoever sent you this code or a link to this page, by e-mail, chat or telephone, wants to act as you. Then do not allow it.',
  allow: 'Allow',
  deny: 'Do not allow',
  allowed: 'Your device goes on',
  allowedText: 'Go back to it. You can close this page.',
  denied: 'It was not allowed',
  deniedText: 'Your device is told so, and was given nothing.',
  home: 'To the start page',
};
