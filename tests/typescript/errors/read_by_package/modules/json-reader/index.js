const fs = require('fs'); exports.readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));
