// What Dashboard 2 loads for a `ui-limen` widget: an empty place, into which the view itself is imported from our own
// pages. A shadow root keeps the dashboard's styles and ours apart.
window["ui-limen"] = {
  UILimen: {
    name: "UILimen",
    props: { id: { type: String, required: true }, props: { type: Object, default: () => ({}) } },
    render() {
      return window.Vue.h("div", { class: "limen-widget" });
    },
    async mounted() {
      const root = this.$el.attachShadow({ mode: "open" });
      const { mount } = await import("/pages/widgets/mount.js");
      this.unmountView = await mount(root, this.props.view);
    },
    unmounted() {
      this.unmountView?.();
    },
  },
};
