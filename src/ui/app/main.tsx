/** Starts the page. */
import { render } from 'preact'
import { App } from './app.tsx'
import { takePasted } from './net/pasted.ts'
import { exchange, Server } from './net/server.ts'
import { takeToken } from './net/token.ts'
import './parts/tokens.css'
import './parts/base.css'
import './parts/parts.css'
import './parts/shell.css'
import './views/connector.css'
import './views/filter.css'
import './views/map.css'
import './views/object.css'
import './views/store.css'
import './views/timeline.css'
import './views/trouble.css'

takePasted(window)
const page = document.getElementById('page')
if (page) render(<App server={new Server(takeToken(exchange))} />, page)
