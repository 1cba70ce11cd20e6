"use strict";
// The spec reporter, plus the skipped tests and those that needed a second try by name, and one closing line a CI can
// count.
const Spec = require("mocha").reporters.Spec;

module.exports = class Reporter extends Spec {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    const retried = [];
    runner.on("pending", (test) => skipped.push(test.fullTitle()));
    runner.on("retry", (test, error) => retried.push(`${test.fullTitle()}: ${error?.message ?? error}`));
    runner.once("end", () => {
      for (const title of skipped) console.log(`skipped: ${title}`);
      for (const title of retried) console.log(`tried again: ${title}`);
      const { passes, failures, pending } = runner.stats ?? this.stats;
      console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
    });
  }
};
