// The same component as it is written for Vue.
import { h, onMounted, ref } from "vue";

export const Contact = {
  props: ["hydrated"],
  setup({ hydrated }) {
    const number = ref("(212) 555-0100");
    onMounted(() => hydrated());
    return () =>
      h("main", [
        h("h1", ["Call ", number.value, " now"]),
        h("p", number.value),
        h("a", { href: "tel:+12125550100", title: "Ring 212-555-0100" }, "+1 212-555-0100"),
        h("input", { placeholder: "Like 212-555-0100" }),
        h("button", { onClick: () => (number.value = "212.555.0100") }, "With dots"),
      ]);
  },
};
