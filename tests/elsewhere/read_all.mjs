// SPDX-License-Identifier: Apache-2.0
//
// node read_all.mjs PACKAGE FILE: reads all rows of all tables and views of a database, and writes
// {"version": ..., "rows": {NAME: [[...], ...]}} as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [name, file] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);

// Each gives a function that runs a query and returns its rows as arrays.
const programs = {
  async "better-sqlite3"() {
    const db = new (require(name))(file, { readonly: true });
    return sql => db.prepare(sql).raw().all();
  },
  async "sql.js"() {
    const wasmBinary = readFileSync(require.resolve(`${name}/dist/sql-wasm.wasm`));
    const sqljs = await require(name)({ wasmBinary });
    const db = new sqljs.Database(readFileSync(file));
    return sql => db.exec(sql)[0]?.values ?? [];
  },
  async "@sqlite.org/sqlite-wasm"() {
    const module = await import(pathToFileURL(`${process.cwd()}/node_modules/${name}/dist/node.mjs`));
    const sqlite3 = await module.default();
    const db = new sqlite3.oo1.DB();
    const bytes = new Uint8Array(readFileSync(file));
    const place = sqlite3.wasm.allocFromTypedArray(bytes);
    sqlite3.capi.sqlite3_deserialize(db.pointer, "main", place, bytes.length, bytes.length, 0);
    return sql => db.exec({ sql, rowMode: "array", returnValue: "resultRows" });
  },
};

const query = await programs[name.replace(/-old$/, "")]();
const names = query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").flat();
const rows = Object.fromEntries(names.map(of => [of, query(`SELECT * FROM "${of}"`)]));
console.log(JSON.stringify({ version: query("SELECT sqlite_version()")[0][0], rows }));
