// Texts of rotating what has a secret: an API token, and an API user.

export const rotationWords = {
  token: {
    what: 'token',
    list: '/v1/tokens',
    rotate: {
      title: 'Make a new secret',
      text: 'You get a new secret now. So that nothing breaks, the old one can go on working while you put the new one into your programs.',
      overlap: 'How long shall the old secret still work?',
      silent: 'It ends sooner by itself once it was not used for a day while the new one is.',
      atOnce:
        'Choose this if the secret has leaked: programs with the old one are refused until they have the new one.',
      running:
        'The secret from the last time still works. You can only make another one if both older ones stop now, or after you have ended the old one.',
      go: 'Make a new secret',
      made: 'The new secret',
      note: 'Put it into every program that uses this token. This is the only time it is shown.',
    },
    overlap: {
      title: 'Two secrets work at the moment',
      until: 'Old secret stops',
      old: 'Old secret last used',
      new: 'New secret last used',
      neverUsed: 'Never',
      stillUsed: 'Somebody has used the old secret since the new one was made. Find that program before you end it.',
      notUsed: 'Nobody has used the old secret since the new one was made.',
      end: 'End the old secret now',
      endTitle: 'End the old secret now?',
      endText: 'Programs that still have it are refused at once.',
      ended: 'The old secret has ended.',
    },
  },
  apiUser: {
    what: 'API user',
    list: '/v1/api-users',
    rotate: {
      title: 'Make a new password',
      text: 'You get a new password now. So that nothing breaks, the old one can go on working while you put the new one into your programs. The API tokens that it owns stay as they are.',
      overlap: 'How long shall the old password still work?',
      silent: 'It ends sooner by itself once it was not used for a day while the new one is.',
      atOnce:
        'Choose this if the password has leaked: programs with the old one are refused until they have the new one, and the access tokens that they have end.',
      running:
        'The password from the last time still works. You can only make another one if both older ones stop now, or after you have ended the old one.',
      go: 'Make a new password',
      made: 'The new password',
      note: 'Put it into every program that uses this API user; the username stays. The password is shown this once.',
    },
    overlap: {
      title: 'Two passwords work at the moment',
      until: 'Old password stops',
      old: 'Old password last used',
      new: 'New password last used',
      neverUsed: 'Never',
      stillUsed: 'Somebody has used the old password since the new one was made. Find that program before you end it.',
      notUsed: 'Nobody has used the old password since the new one was made.',
      end: 'End the old password now',
      endText: 'Programs that still have it are refused when they next sign in with it.',
      ended: 'The old password has ended.',
    },
  },
} as const;

export type RotatedNoun = keyof typeof rotationWords;
