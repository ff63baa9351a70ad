import type { ComponentChildren, JSX } from 'preact';
import { TOKEN_FIELD } from '../form-tokens.js';
import { usePage } from '../page.js';

/** The hidden field with the form token. */
export function FormToken() {
  return <input type="hidden" name={TOKEN_FIELD} value={usePage().formToken()} />;
}

interface FormProperties {
  /** The path below `/account` that the form is sent to. */
  action: string;
  /** The text of its button. */
  submit: string;
  /** The accessible name of the button, if its text does not distinguish it from others. */
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
  /** A token of WHATWG HTML, autofill detail tokens. */
  autocomplete?: string;
  inputMode?: 'numeric';
  hint?: string;
  isRequired?: boolean;
  hasFocus?: boolean;
}

/** An input field. After an error it shows the entered value, unless it is a password, and the problem. */
export function Field({
  name,
  label,
  type = 'text',
  autocomplete = 'off',
  inputMode,
  hint,
  isRequired = true,
  hasFocus,
}: FieldProperties) {
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
    // Preact has a type for each kind of input. The four kinds used here differ only in their roles.
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

/** A drop-down list. */
export function Choice({
  name,
  label,
  options,
  hint,
}: {
  name: string;
  label: string;
  options: readonly string[];
  hint?: string;
}) {
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

/** A checkbox. */
export function Checkbox({ name, label }: { name: string; label: string }) {
  const { values } = usePage();
  return (
    <p class="check">
      <input type="checkbox" id={name} name={name} value="1" checked={values[name] === '1'} />
      <label for={name}>{label}</label>
    </p>
  );
}
