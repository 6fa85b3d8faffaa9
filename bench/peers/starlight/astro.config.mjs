// Starlight as it comes; only the name is set.
import starlight from "@astrojs/starlight";
import { defineConfig } from "astro/config";

export default defineConfig({
  integrations: [starlight({ title: "Integrated Spine Institute" })],
});
