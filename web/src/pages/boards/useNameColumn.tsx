import { useTranslation } from 'react-i18next';
import type { Column } from '../../components/tables/DataTable';
import { HostileText } from '../../components/text/HostileText';

/** The name of something that is kept. */
export function useNameColumn<Row extends { name: string }>(): Column<Row> {
  const { t } = useTranslation('kept');
  return {
    key: 'name',
    label: t('name'),
    value: ({ name }) => name,
    cell: ({ name }) => <HostileText text={name} max={80} />,
    grows: true,
    minWidth: 140,
  };
}
