// A real SMSC for the tests: SMPP by the npm package `smpp` (nobody here wrote its wire format), steered
// over HTTP. Everything listens on 127.0.0.1.
//
//   node server.js [--port N] [--control N] [--bind 127.0.0.1]     0 = any free port
//
// The first line on stdout is {"smpp": port, "control": port}.
//
//   GET  /messages   submit_sm as received: id, from, to, text, coding, part {reference, total, number}
//   GET  /texts?to=  what that handset shows: whole texts in the order in which they were completed
//   GET  /state      sessions, binds, unbinds, enquiries, inbound messages and how often each was sent
//   POST /settings   see `settings` below; only the keys given are changed
//   POST /mo         {from, to, text, parts?: [numbers in sending order], reference?, coding? (8 = UCS-2)}: a
//                    citizen texts; sent again until it is acknowledged with status 0, as an SMSC does
//   POST /drop       cut every connection, without goodbye
//   POST /reset      forget everything, back to the first settings

'use strict';
const http = require('http');
const smpp = require('smpp');

const FIRST = {
  systemId: 'hotline',
  password: 'secret',
  bindStatus: 0, // other than 0: refuse every bind with it
  status: 0, // command_status of submit_sm_resp ...
  statusCount: 0, // ... for so many submits
  silent: false, // take submits and never answer
  answerDelayMs: 0,
  answerIds: 'hex', // hex | decimal: how submit_sm_resp writes the id
  receipts: 'after', // off | after | before (the answer) | twice
  receiptIds: 'hex', // hex | HEX | decimal | zeros (hex with leading zeros)
  receiptState: 'DELIVRD',
  receiptTlvs: true,
  receiptDelayMs: 0,
  resendMs: 200,
};
const STATES = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, DELETED: 4, UNDELIV: 5, ACCEPTD: 6, UNKNOWN: 7, REJECTD: 8 };
const UNITS_PER_PART = 67;

let settings = { ...FIRST };
let counts, messages, inbound, lastId;
const bound = new Set();

function reset() {
  settings = { ...FIRST };
  counts = { binds: 0, unbinds: 0, enquiries: 0 };
  messages = [];
  inbound = [];
  lastId = 0x0a3f00;
}
reset();

const writeId = (number, form) =>
  ({
    hex: number.toString(16),
    HEX: number.toString(16).toUpperCase(),
    decimal: number.toString(10),
    zeros: number.toString(16).padStart(12, '0'),
  })[form];

// ---------------------------------------------------------------------------------------- SMPP

const smsc = smpp.createServer((session) => {
  session.on('bind_transceiver', (pdu) => {
    const known = pdu.system_id === settings.systemId && pdu.password === settings.password;
    const status = settings.bindStatus || (known ? 0 : smpp.ESME_RINVPASWD);
    session.send(pdu.response({ command_status: status, system_id: 'SMSC' }));
    if (status) return;
    counts.binds += 1;
    bound.add(session);
    inbound.filter((one) => !one.acknowledged).forEach((one) => deliver(one));
  });
  session.on('submit_sm', (pdu) => submit(session, pdu));
  session.on('enquire_link', (pdu) => {
    counts.enquiries += 1;
    session.send(pdu.response());
  });
  session.on('unbind', (pdu) => {
    counts.unbinds += 1;
    bound.delete(session);
    session.send(pdu.response());
    session.close();
  });
  session.on('close', () => bound.delete(session));
  session.on('error', () => bound.delete(session));
});

function submit(session, pdu) {
  if (!bound.has(session)) return session.send(pdu.response({ command_status: smpp.ESME_RINVBNDSTS }));
  if (settings.statusCount > 0) {
    settings.statusCount -= 1;
    return session.send(pdu.response({ command_status: settings.status }));
  }
  const number = ++lastId;
  messages.push(received(pdu, writeId(number, settings.answerIds)));
  const answer = () =>
    settings.silent || session.send(pdu.response({ message_id: writeId(number, settings.answerIds) }));
  const early = settings.receipts === 'before';
  if (early) receipt(session, pdu, number);
  setTimeout(answer, settings.answerDelayMs);
  if (early || settings.receipts === 'off') return undefined;
  const times = settings.receipts === 'twice' ? 2 : 1;
  for (let i = 0; i < times; i += 1) {
    setTimeout(() => receipt(session, pdu, number), settings.answerDelayMs + settings.receiptDelayMs + i);
  }
  return undefined;
}

function received(pdu, id) {
  const { message, udh } = pdu.short_message;
  const concat = (udh || []).find((element) => element[0] === 0);
  const part = concat ? { reference: concat[2], total: concat[3], number: concat[4] } : null;
  return { id, from: pdu.source_addr, to: pdu.destination_addr, text: message, coding: pdu.data_coding, part };
}

function receipt(session, pdu, number) {
  const id = writeId(number, settings.receiptIds);
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(2, 12);
  const text =
    `id:${id} sub:001 dlvrd:001 submit date:${stamp} done date:${stamp} ` +
    `stat:${settings.receiptState} err:000 text:`;
  const fields = {
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    esm_class: 4,
    data_coding: 0,
    short_message: Buffer.from(text, 'ascii'),
  };
  if (settings.receiptTlvs) {
    fields.receipted_message_id = id;
    fields.message_state = STATES[settings.receiptState];
  }
  session.deliver_sm(fields);
}

// A citizen's message, whole or in parts; each deliver_sm is repeated until it is acknowledged.
function textFromCitizen({ from, to, text, parts, reference, coding = 8 }) {
  const pieces = [];
  for (let at = 0; at < text.length; at += UNITS_PER_PART) pieces.push(text.slice(at, at + UNITS_PER_PART));
  const numbers = parts || (text.length > 70 ? pieces.map((_, i) => i + 1) : [0]);
  numbers.forEach((number) => {
    const udh = number ? Buffer.from([5, 0, 3, reference || 7, pieces.length, number]) : undefined;
    const one = { from, to, udh, coding, text: number ? pieces[number - 1] : text, sent: 0, acknowledged: false };
    inbound.push(one);
    deliver(one);
  });
}

function deliver(one) {
  const [session] = bound;
  if (!session || one.acknowledged) return;
  one.sent += 1;
  session.deliver_sm(
    {
      source_addr: one.from,
      source_addr_ton: 1,
      source_addr_npi: 1,
      destination_addr: one.to,
      data_coding: one.coding,
      short_message: one.udh ? { udh: one.udh, message: one.text } : { message: one.text },
    },
    (answer) => {
      one.status = answer.command_status;
      one.acknowledged = answer.command_status === 0;
      if (!one.acknowledged) setTimeout(() => deliver(one), settings.resendMs);
    },
  );
}

// ---------------------------------------------------------------------------------------- control

// Whole texts in the order of their last part, as the handset would show them.
function texts(to) {
  const open = new Map();
  const whole = [];
  for (const { part, text, from } of messages.filter((one) => one.to === to)) {
    if (!part) whole.push({ from, text });
    else {
      const key = `${part.reference}/${part.total}`;
      const pieces = open.get(key) || {};
      pieces[part.number] = text;
      open.set(key, pieces);
      if (Object.keys(pieces).length === part.total) {
        whole.push({ from, text: Object.values(pieces).join('') });
        open.delete(key);
      }
    }
  }
  return whole;
}

const routes = {
  'GET /messages': () => messages,
  'GET /texts': (_, query) => texts(query.get('to')),
  'GET /state': () => ({ ...counts, sessions: bound.size, inbound: inbound.map(({ udh, ...rest }) => rest) }),
  'POST /settings': (body) => Object.assign(settings, body),
  'POST /mo': (body) => textFromCitizen(body),
  'POST /drop': () => smsc.sessions.slice().forEach((session) => session.destroy()),
  'POST /reset': () => reset(),
};

const control = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1');
  const route = routes[`${request.method} ${url.pathname}`];
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    const result = route && route(body ? JSON.parse(body) : {}, url.searchParams);
    response.writeHead(route ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(result ?? null));
  });
});

function argument(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
}

const host = argument('bind', '127.0.0.1');
smsc.listen(Number(argument('port', '0')), host, () =>
  control.listen(Number(argument('control', '0')), host, () =>
    console.log(JSON.stringify({ smpp: smsc.address().port, control: control.address().port })),
  ),
);
process.stdin.resume(); // the parent is gone when this closes
process.stdin.on('end', () => process.exit(0));
