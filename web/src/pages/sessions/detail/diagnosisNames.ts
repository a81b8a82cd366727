import type { DiagnosisName } from '../../../i18n/useLabels';

/** All diagnoses, in the order of the documentation. */
export const DIAGNOSIS_NAMES: readonly DiagnosisName[] = [
  'event_before_start',
  'late_event',
  'playhead_out_of_range',
  'playhead_frozen',
  'unknown_param',
  'missing_param',
  'ad_break_not_completed',
  'ad_not_completed',
  'ad_outside_break',
  'ad_not_started',
  'ad_break_not_started',
  'chapter_not_completed',
  'chapter_not_started',
  'state_not_started',
  'too_many_states',
  'session_too_large',
  'clock_wrong',
  'clock_step',
  'ts_in_seconds',
  'server_clock_stepped',
];
