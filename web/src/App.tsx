import { lazy, Suspense, useEffect, type ReactNode } from 'react';
import { Route, Routes, useLocation, useNavigate } from 'react-router';
import { whenLoggedOut } from './api/client';
import { queryClient } from './api/queryClient';
import { Loading } from './components/states/Loading';
import { Toasts } from './components/overlays/Toasts';
import { CatalogueGate } from './filters/CatalogueGate';
import { AppShell } from './shell/AppShell';
import { NotFound } from './shell/NotFound';
import { ZoneGate } from './shell/ZoneGate';

const Live = lazy(() => import('./pages/live/LivePage'));
const Overview = lazy(() => import('./pages/overview/OverviewPage'));
const Sides = lazy(() => import('./pages/sides/SidesPage'));
const ContentList = lazy(() => import('./pages/content/ContentListPage'));
const ContentDetail = lazy(() => import('./pages/content/ContentDetailPage'));
const Concurrency = lazy(() => import('./pages/concurrency/ConcurrencyPage'));
const Quality = lazy(() => import('./pages/quality/QualityPage'));
const Ads = lazy(() => import('./pages/ads/AdsPage'));
const SessionList = lazy(() => import('./pages/sessions/list/SessionListPage'));
const SessionDetail = lazy(() => import('./pages/sessions/detail/SessionDetailPage'));
const Visitor = lazy(() => import('./pages/sessions/visitor/VisitorPage'));
const BoardList = lazy(() => import('./pages/boards/BoardListPage'));
const Board = lazy(() => import('./pages/boards/BoardPage'));
const Sql = lazy(() => import('./pages/sql/SqlPage'));
const Connect = lazy(() => import('./pages/connect/ConnectPage'));
const Login = lazy(() => import('./pages/login/LoginPage'));

export function App(): ReactNode {
  useLeadToLogin();
  return (
    <>
      <Suspense fallback={<Loading />}>
        <Routes>
          <Route path="/login" element={<Login />} />
          <Route element={<AppShell />}>
            <Route element={<ZoneGate />}>
              <Route index element={<Live />} />
              <Route path="/connect" element={<Connect />} />
              <Route element={<CatalogueGate />}>
                <Route path="/overview" element={<Overview />} />
                <Route path="/side-by-side" element={<Sides />} />
                <Route path="/content" element={<ContentList />} />
                <Route path="/content/:contentId" element={<ContentDetail />} />
                <Route path="/concurrency" element={<Concurrency />} />
                <Route path="/quality" element={<Quality />} />
                <Route path="/ads" element={<Ads />} />
                <Route path="/sessions" element={<SessionList />} />
                <Route path="/sessions/:sessionId" element={<SessionDetail />} />
                <Route path="/visitors/:visitorId" element={<Visitor />} />
                <Route path="/boards" element={<BoardList />} />
                <Route path="/boards/:boardId" element={<Board />} />
                <Route path="/sql" element={<Sql />} />
              </Route>
            </Route>
            <Route path="*" element={<NotFound />} />
          </Route>
        </Routes>
      </Suspense>
      <Toasts />
    </>
  );
}

/** A 401 leads to the login page, and from there back to the same page. */
function useLeadToLogin(): void {
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  useEffect(() => {
    whenLoggedOut(() => {
      if (pathname === '/login') return;
      queryClient.clear();
      const back = pathname === '/' && search === '' ? '' : `?return=${encodeURIComponent(pathname + search)}`;
      navigate(`/login${back}`, { replace: true });
    });
  }, [navigate, pathname, search]);
}
