// Starts the page.
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { openSource } from './data/source.js';
import { AddressStore } from './state/history.js';
import { Session, SessionContext } from './state/session.js';
import 'hightable/src/HighTable.css';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/head.css';
import './style/panels.css';
import './style/keys.css';
import './style/run.css';
import './style/verdict.css';
import './style/figures.css';
import './style/pair-map.css';
import './style/threshold.css';
import './style/filter-bar.css';
import './style/table.css';
import './style/inspector.css';
import './style/collections.css';
import './style/comparison.css';

const session = new Session(openSource(document), new AddressStore(window));
void session.open();
createRoot(document.getElementById('page') as HTMLElement).render(
  <SessionContext value={session}>
    <App />
  </SessionContext>,
);
