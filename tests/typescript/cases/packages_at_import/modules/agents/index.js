'use strict';
const http = require('http');
const https = require('https');
const { EventEmitter } = require('events');
const { Readable } = require('stream');
const util = require('util');
const buffer = require('buffer');

const agent = new http.Agent({ keepAlive: true });
https.globalAgent.options.rejectUnauthorized = true;
agent.maxSockets = 5;
if (agent.maxSockets !== 5) throw new Error('forgets what it is told');

class Keep extends http.Agent {
  constructor() {
    super({ keepAlive: true });
    this.sockets = {};
    this.on('free', () => {});
  }
  count() { return Object.keys(this.sockets).length; }
}
if (new Keep().count() !== 0) throw new Error('a subclass has its own members');

class Lines extends Readable {
  _read() { this.push(null); }
}
function Emitter() { EventEmitter.call(this); }
util.inherits(Emitter, EventEmitter);

for (const name in buffer) if (name === 'nothing') throw new Error('no such member');
for (const name in http) if (name === 'nothing') throw new Error('no such member');

exports.Client = class Client {
  constructor() {
    this.lines = new Lines();
    this.emitter = new Emitter().on('error', () => {});
    this.socket = new (require('net').Socket)();
    this.socket.setTimeout(1000);
  }
};
