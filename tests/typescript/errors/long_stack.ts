// expect: too long
const error = new Error('too long')
error.stack = 'schema' + '.'.repeat(200_000) + ':1:1\n' + 'schema.js:99999999999999999999:1\n'.repeat(10)
throw error
