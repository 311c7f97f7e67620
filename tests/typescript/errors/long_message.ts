// expect: cannot read property
throw new TypeError(`cannot read property '${'x'.repeat(200_000)}' of undefined`)
