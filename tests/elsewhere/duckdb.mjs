// SPDX-License-Identifier: Apache-2.0
//
// node duckdb.mjs -csv -c SQL: runs the SQL with DuckDB's library and writes the rows as CSV, as the
// command line of DuckDB does. Values with commas do not occur.
import { createRequire } from "node:module";

const { DuckDBInstance } = createRequire(`${process.cwd()}/`)("@duckdb/node-api");
const database = await DuckDBInstance.create(":memory:");
const reader = await (await database.connect()).runAndReadAll(process.argv[4]);
console.log(reader.columnNames().join(","));
for (const row of reader.getRows())
  console.log(row.map(value => value ?? "").join(","));
