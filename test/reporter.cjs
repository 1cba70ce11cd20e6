"use strict";
// The spec reporter, plus the skipped tests by name and one closing line a CI can count.
const Spec = require("mocha").reporters.Spec;

module.exports = class Reporter extends Spec {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    runner.on("pending", (test) => skipped.push(test.fullTitle()));
    runner.once("end", () => {
      for (const title of skipped) console.log(`skipped: ${title}`);
      const { passes, failures, pending } = runner.stats ?? this.stats;
      console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
    });
  }
};
