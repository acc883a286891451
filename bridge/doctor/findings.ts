import type { DoctorArea, DoctorCheck } from '../contract/doctor.ts';

/** One check, as long as it is not certain that it stays so. */
export interface Finding extends DoctorCheck {
  /**
   * Found before Gangway was asked, and true after its answer as well: with other words when its start put it right,
   * with the same ones when it is something that only a look from outside can tell.
   */
  readonly lasts?: { readonly text: string; readonly fix: string } | 'as-it-is';
}

const LONGEST = 300;

/** Checks of one area. */
export interface Checks {
  ok(id: string, text: string, subject?: string): Finding;
  /** Works, but is worth knowing; `fix` is the one thing to do. */
  notice(id: string, text: string, fix: string, subject?: string): Finding;
  /** Needs a person; `fix` is the one thing to do. */
  bad(id: string, text: string, fix: string, subject?: string): Finding;
  skipped(id: string, text: string, subject?: string): Finding;
}

export function checksOf(area: DoctorArea): Checks {
  const found = (
    state: DoctorCheck['state'],
    { id, text, fix, subject }: { id: string; text: string; fix?: string; subject?: string | undefined },
  ): Finding => ({
    id,
    area,
    state,
    subject: subject ?? null,
    text: cut(text),
    fix: fix === undefined ? null : cut(fix),
  });
  return {
    ok: (id, text, subject) => found('ok', { id, text, subject }),
    notice: (id, text, fix, subject) => found('notice', { id, text, fix, subject }),
    bad: (id, text, fix, subject) => found('bad', { id, text, fix, subject }),
    skipped: (id, text, subject) => found('skipped', { id, text, subject }),
  };
}

/** Something is the matter. */
export function isTrouble({ state }: Pick<DoctorCheck, 'state'>): boolean {
  return state === 'bad' || state === 'notice';
}

function cut(text: string): string {
  const whole = text.toWellFormed();
  return whole.length <= LONGEST ? whole : `${whole.slice(0, LONGEST - 1).toWellFormed()}…`;
}
