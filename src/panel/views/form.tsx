import type { ComponentChildren, JSX } from 'preact';
import { TOKEN_FIELD } from '../form-tokens.js';
import { usePage } from '../page.js';

/** What shows that a form is ours. */
export function FormToken() {
  return <input type="hidden" name={TOKEN_FIELD} value={usePage().formToken()} />;
}

interface FormProperties {
  /** Where it is sent to, below `/account`. */
  action: string;
  /** What its button says. */
  submit: string;
  /** What the button is called, where what it says is not enough to tell it from others. */
  label?: string;
  /** Whether the action cannot be undone. */
  isGrave?: boolean;
  children?: ComponentChildren;
}

/** A form with one button. */
export function Form({ action, submit, label, isGrave = false, children }: FormProperties) {
  return (
    <form method="post" action={`${usePage().base}/${action}`}>
      <FormToken />
      {children}
      <button class={isGrave ? 'grave' : undefined} aria-label={label}>
        {submit}
      </button>
    </form>
  );
}

interface FieldProperties {
  name: string;
  label: string;
  type?: 'text' | 'password' | 'email' | 'tel';
  /** WHATWG HTML, autofill detail tokens. */
  autocomplete?: string;
  inputMode?: 'numeric';
  hint?: string;
  isRequired?: boolean;
  hasFocus?: boolean;
}

/** A line to be filled in; shown again with what was entered, unless that is a password, and with what was wrong. */
export function Field({ name, label, type = 'text', autocomplete = 'off', inputMode, hint, isRequired = true, hasFocus }: FieldProperties) {
  const { problems, values } = usePage();
  const problem = problems.fields[name];
  const describedBy = [hint && `${name}-hint`, problem && `${name}-problem`].filter(Boolean).join(' ');
  const attributes = {
    id: name,
    name,
    type,
    value: type === 'password' ? undefined : values[name],
    autocomplete,
    autocapitalize: 'none',
    spellcheck: false,
    inputMode,
    required: isRequired,
    autofocus: hasFocus,
    'aria-invalid': problem ? true : undefined,
    'aria-describedby': describedBy || undefined,
    // Preact has a type for each type of input; this is one of four that differ in nothing but their roles.
  } as JSX.IntrinsicElements['input'];
  return (
    <p class="field">
      <label for={name}>{label}</label>
      <input {...attributes} />
      {hint && <small id={`${name}-hint`}>{hint}</small>}
      {problem && (
        <small id={`${name}-problem`} class="problem">
          {problem}
        </small>
      )}
    </p>
  );
}

/** A choice of a few. */
export function Choice({ name, label, options, hint }: { name: string; label: string; options: readonly string[]; hint?: string }) {
  const { values } = usePage();
  return (
    <p class="field">
      <label for={name}>{label}</label>
      <select id={name} name={name} aria-describedby={hint && `${name}-hint`}>
        {options.map((option) => (
          <option selected={values[name] === option}>{option}</option>
        ))}
      </select>
      {hint && <small id={`${name}-hint`}>{hint}</small>}
    </p>
  );
}

/** Yes or no. */
export function Checkbox({ name, label }: { name: string; label: string }) {
  const { values } = usePage();
  return (
    <p class="check">
      <input type="checkbox" id={name} name={name} value="1" checked={values[name] === '1'} />
      <label for={name}>{label}</label>
    </p>
  );
}
