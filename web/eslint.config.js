import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Folders may import only what stands below them: screens > ui > state > api > protocol. */
function below(files, ...forbidden) {
  const patterns = forbidden.map((group) => ({ group: [group], message: 'Imports point only downwards.' }));
  const node = { group: ['node:*'], message: 'The browser has no Node.' };
  return {
    files: [`${files}/**/*.{ts,svelte}`],
    ignores: ['**/*.test.ts', '**/*.test-support.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [node, ...patterns] }] },
  };
}

export default ts.config(
  { ignores: ['src/lib/paraglide/', 'project.inlang/', 'node_modules/'] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  svelte.configs.recommended,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js'] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-console': 'error',
      'no-eval': 'error',
      'no-restricted-globals': ['error', 'localStorage', 'sessionStorage'],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      'svelte/no-at-html-tags': 'error',
      'svelte/no-inline-styles': 'error',
      'svelte/button-has-type': 'error',
      'svelte/no-target-blank': 'error',
    },
  },
  { files: ['tools/**', '*.ts', '*.js'], languageOptions: { globals: globals.node }, rules: { 'no-console': 'off' } },
  { files: ['*.js'], ...ts.configs.disableTypeChecked },
  below('src/lib/protocol', '**/api/**', '**/state/**', '**/ui/**', '**/paraglide/**', 'svelte', 'svelte/*'),
  below('src/lib/api', '**/state/**', '**/ui/**', '**/paraglide/**', 'svelte', 'svelte/*'),
  below('src/lib/state', '**/ui/**'),
  below('src/lib/ui', '**/reporter/**', '**/desk/**'),
  below('src/reporter', '**/desk/**'),
  below('src/desk', '**/reporter/**'),
);
