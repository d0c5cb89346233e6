// A component as it is written for React and Preact: it tells its number in one form, and at a press in another.
export const contact = ({ createElement: h, useEffect, useState }) =>
  function Contact({ hydrated }) {
    const [number, setNumber] = useState("(212) 555-0100");
    useEffect(() => hydrated(), []);
    return h(
      "main",
      null,
      h("h1", null, "Call ", number, " now"),
      h("p", null, number),
      h("a", { href: "tel:+12125550100", title: "Ring 212-555-0100" }, "+1 212-555-0100"),
      h("input", { placeholder: "Like 212-555-0100" }),
      h("button", { onClick: () => setNumber("212.555.0100") }, "With dots"),
    );
  };

// A page of React that is one component, from its first element on.
export const document = (React) => {
  const { createElement: h } = React;
  const Contact = contact(React);
  return function Document({ hydrated }) {
    const icon = h("link", { rel: "icon", href: "data:," });
    const script = h("script", { src: "/app.js", defer: true });
    const head = h("head", null, h("title", null, "Plumber"), icon, script);
    return h("html", { lang: "en" }, head, h("body", null, h(Contact, { hydrated })));
  };
};
