export default {
  compilerOptions: { runes: true, css: 'external', modernAst: true },
  onwarn(warning) {
    throw new Error(`${warning.filename ?? 'svelte'}: ${warning.message}`);
  },
};
