import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useBoards, useChange, useEditBoard, useKeep, useRemove, useViews, type KeptBoardEntry, type KeptView } from '../../api/kept';
import { Badge } from '../../components/Badge';
import { Button } from '../../components/controls/Button';
import { TextField } from '../../components/controls/TextField';
import { Page } from '../../components/layout/Page';
import { PageHeader } from '../../components/layout/PageHeader';
import { Panel } from '../../components/layout/Panel';
import { Popover } from '../../components/overlays/Popover';
import { EmptyState } from '../../components/states/EmptyState';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { HostileText } from '../../components/text/HostileText';
import { useScopedHref } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useFaultOf } from '../../i18n/useFaultOf';
import styles from '../../kept/Kept.module.css';
import { KeptActions } from './KeptActions';
import { SchedulesPanel } from './SchedulesPanel';
import { useNameColumn } from './useNameColumn';

/** All boards and views that the reader may see. */
export default function BoardListPage(): ReactNode {
  const { t } = useTranslation('kept');
  return (
    <Page>
      <PageHeader
        title={t('title')}
        hint={t('hint')}
        actions={
          <Popover label={t('board.new')} title={t('board.new')} button={{ kind: 'primary', icon: 'plus' }} align="end">
            {() => <NewBoard />}
          </Popover>
        }
      />
      <Boards />
      <Views />
      <SchedulesPanel />
    </Page>
  );
}

function NewBoard(): ReactNode {
  const { t } = useTranslation('kept');
  const faultOf = useFaultOf();
  const [name, setName] = useState('');
  const keep = useKeep('boards');
  const navigate = useNavigate();
  const send = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate({ name }, { onSuccess: ({ id }) => navigate(`/boards/${id}`) });
  };
  return (
    <form className={`${styles.form} ${styles.narrow}`} onSubmit={send}>
      <TextField
        label={t('name')}
        value={name}
        maxLength={200}
        required
        error={faultOf(keep.error)}
        onChange={(event) => setName(event.target.value)}
      />
      <Button kind="primary" type="submit" disabled={name.trim() === '' || keep.isPending}>
        {t('board.create')}
      </Button>
    </form>
  );
}

function Boards(): ReactNode {
  const { t } = useTranslation('kept');
  const boards = useBoards();
  const href = useScopedHref();
  const columns = useColumns<KeptBoardEntry>({
    key: 'panels',
    label: t('board.panels'),
    align: 'end',
    value: ({ panel_count }) => panel_count,
    cell: ({ panel_count }) => panel_count,
  });
  const actions: Column<KeptBoardEntry> = {
    key: 'actions',
    label: t('actions'),
    align: 'end',
    cell: (board) => board.can_change && <BoardActions board={board} />,
  };
  const isEmpty = boards.data?.length === 0;
  return (
    <Panel
      title={t('board.many')}
      query={boards}
      flush={!isEmpty}
      empty={isEmpty && <EmptyState icon="board" title={t('board.none')} hint={t('board.noneHint')} />}
    >
      <DataTable
        caption={t('board.many')}
        columns={[...columns, actions]}
        rows={boards.data ?? []}
        rowKey={({ id }) => id}
        rowHref={({ id }) => href(`/boards/${id}`)}
      />
    </Panel>
  );
}

function BoardActions({ board }: { board: KeptBoardEntry }): ReactNode {
  const [change, remove] = [useEditBoard(), useRemove('boards')];
  return (
    <KeptActions
      kept={board}
      isPending={change.isPending || remove.isPending}
      error={change.error ?? remove.error}
      onChange={(next, onSuccess) => change.mutate({ id: board.id, edit: () => next }, { onSuccess })}
      onRemove={() => remove.mutate(board.id)}
    />
  );
}

function Views(): ReactNode {
  const { t } = useTranslation('kept');
  const views = useViews();
  const columns = useColumns<KeptView>({
    key: 'address',
    label: t('view.address'),
    minWidth: 120,
    cell: ({ address }) => <HostileText text={address} max={60} mono />,
  });
  const actions: Column<KeptView> = {
    key: 'actions',
    label: t('actions'),
    align: 'end',
    cell: (view) => view.can_change && <ViewActions view={view} />,
  };
  const isEmpty = views.data?.length === 0;
  return (
    <Panel
      title={t('view.many')}
      query={views}
      flush={!isEmpty}
      empty={isEmpty && <EmptyState icon="bookmark" title={t('view.none')} hint={t('view.noneHint')} />}
    >
      <DataTable
        caption={t('view.many')}
        columns={[...columns, actions]}
        rows={views.data ?? []}
        rowKey={({ id }) => id}
        rowHref={({ address }) => address}
      />
    </Panel>
  );
}

function ViewActions({ view }: { view: KeptView }): ReactNode {
  const [change, remove] = [useChange('views'), useRemove('views')];
  const { id, address, version } = view;
  return (
    <KeptActions
      kept={view}
      isPending={change.isPending || remove.isPending}
      error={change.error ?? remove.error}
      onChange={(next, onSuccess) => change.mutate({ id, body: { ...next, address, version } }, { onSuccess })}
      onRemove={() => remove.mutate(id)}
    />
  );
}

/** The columns that boards and views have in common, around one of their own. */
function useColumns<Row extends KeptBoardEntry | KeptView>(own: Column<Row>): Column<Row>[] {
  const { t } = useTranslation('kept');
  const format = useFormat();
  return [
    useNameColumn(),
    own,
    {
      key: 'shared',
      label: t('isShared'),
      cell: ({ is_shared }) => <Badge tone={is_shared ? 'info' : 'neutral'}>{is_shared ? t('isShared') : t('isPrivate')}</Badge>,
    },
    { key: 'owner', label: t('owner'), cell: ({ owner }) => owner },
    {
      key: 'changed',
      label: t('changed'),
      value: ({ changed_at }) => changed_at,
      cell: ({ changed_at }) => format.dateTime(changed_at),
    },
  ];
}
