/**
 * Stands in for the package `sqlite3` in mcp-server-sqlite-npx. That package is compiled, or fetched ready-made, when it
 * is installed: both need hosts beside the npm registry. The server itself is unchanged.
 */
const { DatabaseSync } = require('node:sqlite');

/** Calls back later, as the package does. */
class Database {
  #database;

  constructor(file) {
    this.#database = new DatabaseSync(file);
  }

  all(sql, params, callback) {
    settle(() => this.#database.prepare(sql).all(...params), callback);
  }

  run(sql, params, callback) {
    const run = () => this.#database.prepare(sql).run(...params);
    settle(run, function (error, done) {
      callback.call({ changes: done?.changes, lastID: done?.lastInsertRowid }, error);
    });
  }
}

function settle(work, callback) {
  let result;
  try {
    result = work();
  } catch (error) {
    return void setImmediate(() => callback(error));
  }
  setImmediate(() => callback(null, result));
}

module.exports = { Database };
