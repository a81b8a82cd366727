import { useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { changedBoard, useBoard, useChange, useRemove, type BoardPanel, type KeptBoard } from '../../api/kept';
import { Button } from '../../components/controls/Button';
import { Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { Panel } from '../../components/layout/Panel';
import { Dialog, type DialogHandle } from '../../components/overlays/Dialog';
import { showToast } from '../../components/overlays/toasts';
import { EmptyState } from '../../components/states/EmptyState';
import { ErrorState } from '../../components/states/ErrorState';
import { Loading } from '../../components/states/Loading';
import { textForChart } from '../../components/text/clipText';
import { HostileText } from '../../components/text/HostileText';
import { ScopeBar } from '../../filters/ScopeBar';
import { useScope, useScopedHref } from '../../filters/useScope';
import { useFaultOf } from '../../i18n/useFaultOf';
import { BoardPanelView } from './BoardPanelView';
import { KeptActions } from './KeptActions';
import { PanelForm } from './PanelForm';
import { SendBySchedule } from './SendBySchedule';

/** Panels a board may have, as the server takes them. */
const MOST_PANELS = 24;

/** The panels of a board, over the range of the page. */
export default function BoardPage(): ReactNode {
  const { boardId = '' } = useParams();
  const board = useBoard(boardId);
  if (board.data) return <BoardView board={board.data} />;
  if (board.error) return <ErrorState error={board.error} onRetry={() => void board.refetch()} />;
  return <Loading lines={6} />;
}

function BoardView({ board }: { board: KeptBoard }): ReactNode {
  const { t } = useTranslation('kept');
  const scope = useScope();
  const href = useScopedHref();
  const [isEdited, setIsEdited] = useState(false);
  const { change, keepPanels } = useBoardChange(board);
  const adding = useRef<DialogHandle>(null);
  const { panels } = board;
  const add = (panel: BoardPanel) => keepPanels([...panels, panel], () => adding.current?.close());

  return (
    <Page>
      <PageHeader
        title={board.name}
        windowTitle={textForChart(board.name, 80)}
        above={<Link to={href('/boards')}>{t('title')}</Link>}
        actions={board.can_change && <BoardButtons board={board} {...{ isEdited, setIsEdited }} onAdd={() => adding.current?.open()} />}
      >
        <HostileText text={board.name} max={200} wrap />
      </PageHeader>
      <ScopeBar fact="sessions" />
      {panels.length === 0 && (
        <Panel>
          <EmptyState icon="board" title={t('board.empty')} hint={board.can_change && t('board.emptyHint')} />
        </Panel>
      )}
      {panels.map((panel, place) => (
        <BoardPanelView
          // A panel has no id: the same panel at another place is drawn anew.
          key={`${place} ${panel.kind} ${panel.title}`}
          panel={panel}
          scope={scope}
          actions={
            <>
              <SendBySchedule panel={panel} timeZone={scope.time_zone} />
              {isEdited && <PanelButtons {...{ panels, place }} isPending={change.isPending} onChange={keepPanels} />}
            </>
          }
        />
      ))}
      <Dialog handle={adding} title={t('board.newPanel')}>
        <PanelForm isPending={change.isPending} onAdd={add} />
      </Dialog>
    </Page>
  );
}

/** Changes to the panels of a board; what cannot be kept is said, and the board is shown as it is. */
function useBoardChange(board: KeptBoard) {
  const { t } = useTranslation('kept');
  const faultOf = useFaultOf();
  const change = useChange('boards');
  const keepPanels = (panels: BoardPanel[], onSuccess?: () => void) =>
    change.mutate(
      { id: board.id, body: changedBoard(board, { panels }) },
      {
        ...(onSuccess ? { onSuccess } : {}),
        onError: (error) => showToast(error.status === 409 ? t('changedMeanwhile') : (faultOf(error) ?? ''), 'bad'),
      },
    );
  return { change, keepPanels };
}

interface BoardButtonsProps {
  board: KeptBoard;
  isEdited: boolean;
  setIsEdited: (isEdited: boolean) => void;
  onAdd: () => void;
}

function BoardButtons({ board, isEdited, setIsEdited, onAdd }: BoardButtonsProps): ReactNode {
  const { t } = useTranslation('kept');
  const navigate = useNavigate();
  const [change, remove] = [useChange('boards'), useRemove('boards')];
  const isFull = board.panels.length >= MOST_PANELS;
  return (
    <>
      <Button icon="plus" disabled={isFull} title={isFull ? t('board.full', { most: MOST_PANELS }) : undefined} onClick={onAdd}>
        {t('board.newPanel')}
      </Button>
      {board.panels.length > 0 && (
        <Button aria-pressed={isEdited} onClick={() => setIsEdited(!isEdited)}>
          {isEdited ? t('board.done') : t('board.edit')}
        </Button>
      )}
      <KeptActions
        kept={board}
        isPending={change.isPending || remove.isPending}
        error={change.error ?? remove.error}
        onChange={(next, onSuccess) => change.mutate({ id: board.id, body: changedBoard(board, next) }, { onSuccess })}
        onRemove={() => remove.mutate(board.id, { onSuccess: () => navigate('/boards') })}
      />
    </>
  );
}

interface PanelButtonsProps {
  panels: BoardPanel[];
  place: number;
  isPending: boolean;
  onChange: (panels: BoardPanel[]) => void;
}

/** Moves a panel by one place, or takes it off the board. */
function PanelButtons({ panels, place, isPending, onChange }: PanelButtonsProps): ReactNode {
  const { t } = useTranslation('kept');
  const panel = panels[place];
  if (!panel) return null;
  const others = panels.filter((_, other) => other !== place);
  const moved = (to: number) => [...others.slice(0, to), panel, ...others.slice(to)];
  const title = textForChart(panel.title, 60);
  return (
    <>
      <Button
        kind="quiet"
        size="small"
        icon="arrowUp"
        iconOnly
        disabled={isPending || place === 0}
        onClick={() => onChange(moved(place - 1))}
      >
        {t('board.moveUp', { title })}
      </Button>
      <Button
        kind="quiet"
        size="small"
        icon="arrowDown"
        iconOnly
        disabled={isPending || place === panels.length - 1}
        onClick={() => onChange(moved(place + 1))}
      >
        {t('board.moveDown', { title })}
      </Button>
      <Button kind="quiet" size="small" icon="close" iconOnly disabled={isPending} onClick={() => onChange(others)}>
        {t('board.removePanel', { title })}
      </Button>
    </>
  );
}
