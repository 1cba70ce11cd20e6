import { signIn } from "../shared/api.ts";
import { byId, run } from "../shared/dom.ts";
import { startWords } from "../shared/words.ts";

await startWords();

const password = byId<HTMLInputElement>("password");
byId("name").focus();
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void run((event as SubmitEvent).submitter as HTMLButtonElement, byId("say"), async () => {
    await signIn(byId<HTMLInputElement>("name").value, password.value);
    location.replace(next());
  });
});

/** Where somebody was going: a path of this box, or where things are. */
function next(): string {
  const wanted = new URL(new URLSearchParams(location.search).get("next") ?? "/welcome", location.href);
  return wanted.origin === location.origin ? wanted.pathname + wanted.search : "/welcome";
}
