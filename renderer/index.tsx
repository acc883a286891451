import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { connect } from './connection.ts';
import { SnapshotStore } from './snapshot-store.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/blocks.css';
import './styles/fields.css';
import './styles/popups.css';
import './styles/signs.css';
import './styles/shell.css';
import './styles/palette.css';
import './styles/accounts.css';
import './styles/add.css';
import './styles/activity.css';
import './styles/apps.css';
import './styles/clients.css';
import './styles/settings.css';
import './styles/setup.css';
import { applyTheme } from './theme.ts';

applyTheme();
const root = document.getElementById('root');
if (root) {
  const gangway = connect();
  const store = new SnapshotStore(gangway.control);
  createRoot(root).render(
    <StrictMode>
      <App gangway={{ ...gangway, store }} />
    </StrictMode>,
  );
}
